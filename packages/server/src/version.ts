/** The version that clients are told; the packaging checks that it is the package's own. */
export const version = "0.1.0";
