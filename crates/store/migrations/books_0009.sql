-- How the retention fares: the last run that moves old bodies to archives by itself. No row: none has ended yet.
CREATE TABLE retention (
  id           {int} PRIMARY KEY,      -- 1
  tried_at     {int} NOT NULL,         -- when the last run ended, unix ms
  failures     {int} NOT NULL,         -- runs that failed in a row, it included; 0: it went well
  problem      {text} NOT NULL         -- why it failed
) {strict};
