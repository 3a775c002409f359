"""Head of a question to the process that decodes pictures, whose asker need not load what it decodes with.

The picture's length in bytes, and the seconds of processor time that it may take; its bytes follow.
"""

from __future__ import annotations

import struct

QUESTION = struct.Struct("<Qd")
