import { expect, test } from "vitest";
import { placeOf } from "./database-place.ts";

test.each([
  ["postgres://anna:secret@db.example:5432/cairn", "db.example:5432/cairn"],
  ["postgresql://db.example/cairn?password=secret&sslmode=require", "db.example/cairn"],
  ["postgres://anna:se/cr?et@x@db/cairn", "db/cairn"],
  ["postgres://anna:secret@/cairn?host=/run/postgresql", "/cairn"],
  ["postgres://", "its default address"],
])("what is told of %s holds no password", (url, place) => {
  expect(placeOf(url)).toBe(`PostgreSQL at ${place}`);
});
