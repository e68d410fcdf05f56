"""Why a file is not taken."""


class BadFile(Exception):
    """The message says what is wrong with the file, in the reader's words."""
