"""Values as bytes: ``encode`` writes plain data, ``decode`` reads it back and believes nothing.

A message is ``b"DLB1"``, the length of a JSON header (4 bytes), the header ``[lengths, tree]``, then the blobs whose
lengths it lists, in the order in which the tree uses them. In the tree None, booleans, 64-bit integers, finite
floats and short strings stand for themselves; everything else is a list that begins with a tag. JSON objects do not
occur. Types arrive as what they were: a list, a tuple, an array with its dtype and memory layout, a numpy scalar.
"""

from .arrays import BridgeError, Tensor
from .reading import decode
from .values import Bounds, Handle, Nested, is_mere
from .writing import encode, encode_chunks, is_plain

__all__ = [
    "Bounds",
    "BridgeError",
    "Handle",
    "Nested",
    "Tensor",
    "decode",
    "encode",
    "encode_chunks",
    "is_mere",
    "is_plain",
]
