import { makeFakeSpaceDirectory } from "./fake-space-directory.ts";
import { describeSpaceDirectory } from "./space-directory-conformance.ts";

describeSpaceDirectory("fake", async () => {
  const directory = makeFakeSpaceDirectory();
  return { open: () => directory, [Symbol.asyncDispose]: () => directory.close() };
});
