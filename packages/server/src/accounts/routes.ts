/** All that can be asked of accounts. What is not here does not exist, whatever better-auth could do. */
import { passwordLength } from "./passwords.ts";
import { passwordRoutes } from "./password-routes.ts";
import { providerRoutes } from "./provider-routes.ts";
import { secondFactorRoutes } from "./second-factor.ts";
import { sessionRoutes } from "./session-routes.ts";
import { noBody, signInRoutes } from "./sign-in.ts";
import { signUpRoutes } from "./sign-up.ts";
import { accountRoute, type AccountRoute } from "./visit.ts";

/** What a page needs to know before anyone signs in. */
const readOptions = accountRoute("GET", "/options", noBody, async ({ signUp, providers }) => ({
  body: { sign_up: signUp, providers: providers.list, password: passwordLength },
}));

export const accountRoutes: readonly AccountRoute[] = [
  readOptions,
  ...signInRoutes,
  ...signUpRoutes,
  ...passwordRoutes,
  ...providerRoutes,
  ...secondFactorRoutes,
  ...sessionRoutes,
];
