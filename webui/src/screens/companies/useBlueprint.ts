import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Failed, get, post } from "@/api/http";
import type { BlueprintText, LocatedProblem, Schema, Validation } from "@/api/types.gen";
import type { Names } from "@/code/completion";
import { useBlueprints } from "@/api/queries";

/** So long after the last letter a text is checked. */
const PATIENCE = 350;

/** The file as it is, or a text to begin with when there is none of that name. */
export const useText = (kind: string, name: string) =>
  useQuery({
    queryKey: ["blueprint", kind, name],
    queryFn: () =>
      get<BlueprintText>(`/api/blueprints/${kind}/${name}`).catch((error: unknown) => {
        if (error instanceof Failed && error.status === 404) return get<BlueprintText>(`/api/blueprints/${kind}/${name}/starter`);
        throw error;
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export const useSchema = (kind: string) =>
  useQuery({
    queryKey: ["schema", kind],
    queryFn: () => get<Schema>(`/api/schemas/${kind}`),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What the server finds wrong with the text, a little after it was last changed. */
export function useProblems(kind: string, name: string, text: string | undefined): { problems: readonly LocatedProblem[]; checking: boolean } {
  const [waited, setWaited] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(text), PATIENCE);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, isFetching } = useQuery({
    queryKey: ["validate", kind, name, waited],
    queryFn: () => post<Validation>("/api/validate", { kind, name, text: waited }),
    enabled: waited !== undefined,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  return { problems: data?.problems ?? NONE, checking: isFetching || waited !== text };
}

const NONE: readonly LocatedProblem[] = [];

/** Names that may stand in a company: of roles, environments, companies, its own phases. */
export function useNames(phases: readonly string[]): Names & Record<"role" | "environment" | "company", readonly string[]> {
  const all = useBlueprints().data?.blueprints ?? [];
  const of = (kind: string) => all.filter((one) => one.kind === kind).map((one) => one.name);
  const [role, environment, company] = [of("role"), of("environment"), of("company")];
  return {
    role,
    environment,
    company,
    ask: role,
    judge: role,
    "seats.*": role,
    meet: environment,
    after: phases,
    any: phases,
    then: phases,
    or_else: ["fail", "continue", ...phases],
  };
}
