/** Random histories of one `SpaceDirectory` and of the one in memory, side by side: every answer is the same. */
import type { MoveStep } from "@cairn/directory/placement";
import { defaultSpaceId, type SpaceDirectory, type SpaceRecord } from "@cairn/directory/space-directory";
import { isCairnError } from "@cairn/kernel/error";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeFakeSpaceDirectory } from "./fake-space-directory.ts";
import type { DirectorySetup } from "./space-directory-conformance.ts";

/** Which space a command means: the n-th that was made, whether it still is there or not. */
type Which = number;

type Command =
  | { readonly do: "create"; readonly name: string; readonly cell: string | null }
  | { readonly do: "rename"; readonly which: Which; readonly name: string }
  | { readonly do: "describe"; readonly which: Which; readonly description: string | null }
  | { readonly do: "remove"; readonly which: Which }
  | { readonly do: "resolve"; readonly reference: string }
  | { readonly do: "resolve id"; readonly which: Which }
  | { readonly do: "list" }
  | { readonly do: "page"; readonly after: Which; readonly limit: number }
  /** stale: with the record as it was when the space was last moved by this command, or made. */
  | { readonly do: "move"; readonly which: Which; readonly step: MoveStep; readonly stale: boolean };

const which = fc.nat({ max: 5 });
const name = fc.constantFrom(
  "a",
  "A",
  " a ",
  "ａ",
  "b",
  "ß",
  "SS",
  "ä",
  "A\u0308",
  "default",
  "",
  "İ",
  "i\u0307",
  "ﬁ",
  "fi",
);
const cell = fc.constantFrom(null, "one", "two", "No");
const step: fc.Arbitrary<MoveStep> = fc.oneof(
  fc.record({ kind: fc.constant("start" as const), to: cell }),
  fc.record({ kind: fc.constantFrom("pause", "resume", "switch", "abandon", "finish") }),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("create"), name, cell }) },
  fc.record({ do: fc.constant("rename"), which, name }),
  fc.record({ do: fc.constant("describe"), which, description: fc.option(fc.string({ unit: "binary" })) }),
  fc.record({ do: fc.constant("remove"), which }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resolve"), reference: name }) },
  fc.record({ do: fc.constant("resolve id"), which }),
  fc.record({ do: fc.constant("list") }),
  fc.record({ do: fc.constant("page"), after: which, limit: fc.integer({ min: 1, max: 4 }) }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant("move"), which, step, stale: fc.boolean() }) },
);

/** A directory, and what became of the spaces that were made in it. */
const player = (directory: SpaceDirectory) => {
  const made: string[] = [defaultSpaceId];
  const seen = new Map<string, SpaceRecord>();
  const idOf = (which: Which): string => made[which % made.length]!;

  const run = async (command: Command): Promise<unknown> => {
    switch (command.do) {
      case "create": {
        const record = await directory.create({ name: command.name, description: null, cell: command.cell });
        made.push(record.id);
        seen.set(record.id, record);
        return record;
      }
      case "rename":
        return directory.update(idOf(command.which), { name: command.name });
      case "describe":
        return directory.update(idOf(command.which), { description: command.description });
      case "remove":
        return directory.remove(idOf(command.which));
      case "resolve":
        return directory.resolve(command.reference);
      case "resolve id":
        return directory.resolve(idOf(command.which));
      case "list":
        return directory.list();
      case "page":
        return directory.page({ after: idOf(command.after), limit: command.limit });
      case "move": {
        const id = idOf(command.which);
        const record = (command.stale ? seen.get(id) : null) ?? (await directory.resolve(id)) ?? seen.get(id);
        if (record === undefined) return null;
        seen.set(id, record);
        return directory.advanceMove(record, command.step);
      }
    }
  };

  /** Ids by when they were made, and no times: what two directories must agree on. */
  const comparable = (answer: unknown): unknown =>
    JSON.parse(
      JSON.stringify(answer ?? null, (key, value: unknown) => {
        if (key === "id") return made.indexOf(value as string);
        return key.endsWith("At") ? undefined : value;
      }),
    );

  return async (command: Command): Promise<unknown> => {
    try {
      return comparable(await run(command));
    } catch (error) {
      if (isCairnError(error)) return error.code;
      throw error;
    }
  };
};

export const testHistories = (setUp: () => Promise<DirectorySetup>): void => {
  test("answers whatever it is asked as the directory in memory does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 40 }), async (commands) => {
        await using setup = await setUp();
        const [asked, model] = [player(setup.open()), player(makeFakeSpaceDirectory())];
        for (const command of commands)
          expect(await asked(command), JSON.stringify(command)).toEqual(await model(command));
      }),
      { numRuns: 20 },
    );
  });
};
