-- Bodies are packed before they come here. What `codec` says of a row:
--   0: the bytes as received
--   1: their length in four bytes, then an LZ4 block whose window begins with the dictionary 1
-- Rows of the first kind stay as they are. A server that packs by itself is told not to try it again.

{packed_already:inbox.body}
