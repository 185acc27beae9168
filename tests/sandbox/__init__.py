"""The stack on this machine: an emulator of AWS, the providers' simulators, what starts them."""
