-- For deploy/compose.yaml alone: the accounts of prepare.sql get the passwords of the secrets' files.
\set server_password `cat /run/secrets/server_password`
\set migrator_password `cat /run/secrets/migrator_password`
ALTER ROLE cairn_server PASSWORD :'server_password';
ALTER ROLE cairn_migrator PASSWORD :'migrator_password';
