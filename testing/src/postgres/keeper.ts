/** What a process and the keeper of its PostgreSQL server say to each other. */
export interface KeeperSetup {
  readonly binaries: string;
  readonly password: string;
  /** Whether what is committed survives a crash of the machine; slower. */
  readonly durable: boolean;
  /** Settings of the server, beside or instead of the keeper's own. */
  readonly settings: Readonly<Record<string, string>>;
}

export type KeeperCommand = { readonly id: number } & (
  | ({ readonly do: "set up" } & KeeperSetup)
  | { readonly do: "start" | "stop" | "kill" }
);

export interface KeeperAnswer {
  readonly id: number;
  readonly port: number;
  readonly problem?: string;
}
