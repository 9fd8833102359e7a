-- A body may go to an archive and come back. While it is away its row has the codec 2, and `body` says where it went:
-- JSON with `archive` (a file's name), `offset` (bytes into it) and `bytes` (its length). Nothing else of a row ever
-- changes, and no body is replaced by another: only by its place, and a place only by a body.

{bodies_move:inbox}
