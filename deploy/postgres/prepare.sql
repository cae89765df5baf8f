-- What an administrator prepares in the database that Cairn uses: psql -v ON_ERROR_STOP=1 -d cairn -f prepare.sql
-- PostgreSQL 16 or later (on 15 leave out "WITH INHERIT FALSE, SET TRUE"), pgvector 0.8 or later. Running it again
-- changes nothing.
--
-- Four roles that cannot sign in say what may be done; two accounts that can sign in are members of them. The server's
-- account never owns a table, so row-level security binds all that it does. The accounts get their passwords apart:
-- \password cairn_server, \password cairn_migrator.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['cairn_owner', 'cairn_app', 'cairn_directory_app', 'cairn_jobs_app'] LOOP
    IF to_regrole(role) IS NULL THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
  FOREACH role IN ARRAY ARRAY['cairn_server', 'cairn_migrator'] LOOP
    IF to_regrole(role) IS NULL THEN
      EXECUTE format('CREATE ROLE %I LOGIN', role);
    END IF;
  END LOOP;
END $$;

-- A managed service's administrator is no superuser, and may make schemas for roles only as a member of them. The line
-- is there for that case and harmless in the others.
GRANT cairn_owner, cairn_jobs_app TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;

-- An account acts as one of its roles at a time, and has no rights of its own.
GRANT cairn_app, cairn_directory_app, cairn_jobs_app TO cairn_server WITH INHERIT FALSE, SET TRUE;
GRANT cairn_owner, cairn_jobs_app TO cairn_migrator WITH INHERIT FALSE, SET TRUE;

CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS cairn AUTHORIZATION cairn_owner;
CREATE SCHEMA IF NOT EXISTS cairn_directory AUTHORIZATION cairn_owner;
CREATE SCHEMA IF NOT EXISTS cairn_jobs AUTHORIZATION cairn_jobs_app;
