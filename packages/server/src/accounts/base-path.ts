/** Where accounts are, on every server. */
export const basePath = "/auth";
