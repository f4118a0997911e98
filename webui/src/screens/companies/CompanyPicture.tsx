import { Button, Menu } from "@mantine/core";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Shape, PhaseKind } from "@/graph/shape";
import { Icon } from "@/ui/Icon";
import { Empty, Note } from "@/ui/Tone";
import { addPhase, connect, disconnect, graphOf, linesOf, removePhase } from "@/yaml/company";

import classes from "./Companies.module.css";
import { Inspector } from "./Inspector";
import type { PictureProps } from "./Picture";

const PhaseGraph = lazy(() => import("@/graph/PhaseGraph").then((module) => ({ default: module.PhaseGraph })));

const KINDS: readonly PhaseKind[] = ["ask", "meet", "run", "human", "company", "call"];
const EMPTY: Shape = { nodes: [], edges: [] };

/** A company's graph: phases are added, connected, changed and removed in it, and so in the text. */
export function CompanyPicture({ text, names, problems, become, goTo }: PictureProps) {
  const { t, i18n } = useTranslation();
  const [chosen, setChosen] = useState("");
  const read = useMemo(() => graphOf(text), [text, i18n.language]);
  const last = useRef(EMPTY);
  if (read) last.current = read;
  const shape = last.current;
  const lines = useMemo(() => (read ? linesOf(text) : new Map<string, { from: number; to: number }>()), [read, text]);
  const looks = useCallback(
    (name: string) => {
      const place = lines.get(name);
      const here = place ? problems.filter(({ line }) => line >= place.from && line <= place.to) : [];
      const worst = here.some((one) => one.severity !== "warning") ? "error" : here.length > 0 ? "warning" : "";
      return { problem: worst as "" | "error" | "warning" };
    },
    [lines, problems],
  );
  const editing = useMemo(
    () => ({
      connect: (source: string, target: string) => become(connect(text, source, target)),
      removeNodes: (gone: readonly string[]) => become(gone.reduce(removePhase, text)),
      removeEdges: (gone: readonly Parameters<typeof disconnect>[1][]) => become(gone.reduce(disconnect, text)),
    }),
    [text, become],
  );
  const add = (kind: PhaseKind) => {
    const after = chosen || (shape.nodes.at(-1)?.name ?? "");
    const { text: more, name } = addPhase(text, kind, workFor(kind, names), after);
    become(more);
    setChosen(name);
  };
  return (
    <>
      <div className={classes.tools}>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="light" leftSection={<Icon name="plus" size={14} />} disabled={!read} title={t("company.addHelp")}>
              {t("company.add")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {KINDS.map((kind) => (
              <Menu.Item key={kind} onClick={() => add(kind)}>
                {t(`common.kind.${kind}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <p className={classes.faint}>{t("company.connectHelp")}</p>
      </div>
      {!read && (
        <div className={classes.notes}>
          <Note tone="warn" icon="warn" title={t("company.unreadable")} role="status" />
        </div>
      )}
      <div className={classes.graph}>
        <Suspense fallback={<Empty icon="clock">{t("shell.loading")}</Empty>}>
          <PhaseGraph shape={shape} looks={looks} chosen={chosen} choose={setChosen} {...(read ? { editing } : {})} />
        </Suspense>
      </div>
      {read && <Inspector text={text} chosen={chosen} names={names} become={become} choose={setChosen} line={lines.get(chosen)?.from} goTo={goTo} />}
    </>
  );
}

/** A value to begin with, so that a new phase is one that could run. */
function workFor(kind: PhaseKind, names: PictureProps["names"]): string {
  if (kind === "ask") return names.role.includes("programmer") ? "programmer" : (names.role[0] ?? "role");
  if (kind === "meet") return names.environment[0] ?? "seminar";
  if (kind === "run") return "auto";
  if (kind === "human") return "…?";
  if (kind === "company") return names.company[0] ?? "solo";
  return "unfinished";
}
