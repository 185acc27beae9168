"""How a command ends when it does not end well, and the exit code that says so to scripts."""

CODES = """\
0  done
1  it did not work; the reason is on standard error
2  the command line, the dates, the secret or the SQL make no sense
3  not everything succeeded: some files are still missing
4  the target is not there: no sandbox, no stack, no credentials
130  interrupted; what was started goes on in the stack"""


class CommandError(Exception):
    """It did not work; the text says what, where and what would be right."""

    code = 1


class BadInput(CommandError):
    """The caller asked for something that makes no sense."""

    code = 2


class Incomplete(CommandError):
    """Some of it worked; asking again takes up the rest."""

    code = 3


class TargetMissing(CommandError):
    """No sandbox, no stack or no credentials."""

    code = 4


class Interrupted(CommandError):
    """Ctrl-C; the text says what goes on without us."""

    code = 130
