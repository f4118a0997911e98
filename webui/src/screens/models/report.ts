/** What the doctor and the catalogue say; their answers are not typed by the server. */
export interface Fit {
  readonly fits: boolean;
  readonly reason: string;
  readonly place: string;
  readonly agents: number;
}

export interface Machine {
  readonly ram: number;
  readonly available: number;
  readonly gpus: readonly { readonly name: string; readonly memory: number }[];
  readonly trouble: string;
}

export interface DoctorReport {
  readonly tiers: readonly { tier: string; model: string; provider: string; place: string; origin: string; answers: boolean; context: number; problem: string; fix: string | null }[];
  readonly machine: Machine;
  readonly disk: { readonly folder: string; readonly free: number };
  readonly engines: readonly { readonly engine: string; readonly version: string; readonly program: string }[];
  readonly choice: { readonly name: string } | null;
  readonly next: { readonly code: string; readonly what: string };
}

export interface CatalogueReport {
  readonly catalogue: readonly {
    readonly name: string;
    readonly parameters: number;
    readonly context: number;
    readonly recommended: boolean;
    readonly warning: string | Readonly<Record<string, string>>;
    readonly forms: Readonly<Record<string, { readonly size: number; readonly fit: Fit; readonly path: string | null }>>;
  }[];
}
