"""The people whose data flows here: who may be kept, who not, and who no longer."""
