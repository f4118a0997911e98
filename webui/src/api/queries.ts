/** What the page asks the server, as queries that share one cache. */
import { QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { Failed, get, ofRun, post } from "./http";
import type {
  BlueprintList,
  Commits,
  Comparison,
  Demos,
  Diff,
  FileContent,
  Languages,
  Preview,
  Prompt,
  RunBrief,
  RunDetail,
  RunList,
  Series,
  SimulationList,
  Status,
  Tree,
} from "./types.gen";

/** Errors that asking again may mend. */
const PASSING = new Set(["unreachable", "JournalUnavailable"]);

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (count, error) => error instanceof Failed && PASSING.has(error.code) && count < 2,
      retryDelay: 800,
    },
  },
});

const FOREVER = { staleTime: Number.POSITIVE_INFINITY };

export const useStatus = () =>
  useQuery({ queryKey: ["status"], queryFn: () => get<Status>("/api/status"), refetchInterval: 15_000 });

/** The server tells when the list reads differently. */
export const useRuns = (limit = 50) =>
  useQuery({ queryKey: ["runs", limit], queryFn: () => get<RunList>("/api/runs", { limit }) });

export const useRun = (run: string) =>
  useQuery({ queryKey: ["run", run], queryFn: () => get<RunDetail>(ofRun(run)), enabled: run !== "" });

export const useDemos = () => useQuery({ queryKey: ["demos"], queryFn: () => get<Demos>("/api/demos"), ...FOREVER });

export const useLanguages = () =>
  useQuery({ queryKey: ["languages"], queryFn: () => get<Languages>("/api/languages"), ...FOREVER });

export const useSimulations = () =>
  useQuery({ queryKey: ["simulations"], queryFn: () => get<SimulationList>("/api/simulations") });

export const useSeries = (series: string) =>
  useQuery({ queryKey: ["runs", "series", series], queryFn: () => get<Series>(`/api/simulations/series/${encodeURIComponent(series)}`) });

export const useBlueprints = (kind?: string) =>
  useQuery({ queryKey: ["blueprints", kind ?? ""], queryFn: () => get<BlueprintList>("/api/blueprints", { kind }) });

export const usePrompt = (run: string, key: string, enabled: boolean) =>
  useQuery({
    queryKey: ["prompt", run, key],
    queryFn: () => get<Prompt>(ofRun(run, "/prompt"), { key }),
    enabled,
    ...FOREVER,
  });

export const useTree = (run: string, commit: string) =>
  useQuery({
    queryKey: ["tree", run, commit],
    queryFn: () => get<Tree>(ofRun(run, "/files"), { commit }),
    enabled: commit !== "",
    placeholderData: (before) => before,
    ...FOREVER,
  });

export const useFile = (run: string, commit: string, path: string) =>
  useQuery({
    queryKey: ["file", run, commit, path],
    queryFn: () => get<FileContent>(ofRun(run, "/file"), { commit, path }),
    enabled: commit !== "" && path !== "",
    ...FOREVER,
  });

export const useCommits = (run: string, last: number) =>
  useQuery({
    queryKey: ["commits", run, last],
    queryFn: () => get<Commits>(ofRun(run, "/commits")),
    placeholderData: (before) => before,
  });

export const useDiff = (run: string, params: Record<string, string>, enabled = true) =>
  useQuery({
    queryKey: ["diff", run, params],
    queryFn: () => get<Diff>(ofRun(run, "/diff"), params),
    enabled,
    placeholderData: (before) => before,
  });

export const usePreview = (run: string, commit: string, enabled: boolean) =>
  useQuery({
    queryKey: ["preview", run, commit],
    queryFn: () => get<Preview>(ofRun(run, "/preview"), { commit }),
    enabled: enabled && commit !== "",
  });

export const useComparison = (a: string, b: string) =>
  useQuery({
    queryKey: ["compare", a, b],
    queryFn: () => get<Comparison>("/api/compare", { a, b }),
    enabled: a !== "" && b !== "",
  });

/** Something that changes runs: afterwards their lists are asked for anew. */
export function useAct<Body, Answer = RunBrief>(path: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Body) => post<Answer>(path, body),
    onSettled: () =>
      Promise.all(["runs", "run"].map((name) => queries.invalidateQueries({ queryKey: [name] }))).then(() => undefined),
  });
}
