import { useTranslation } from "react-i18next";

import type { IconName } from "./Icon";
import { Badge, type ToneName } from "./Tone";

type State = "running" | "paused" | "interrupted" | "succeeded" | "failed" | "stopped" | "waiting" | "unknown";

const LOOKS: Record<State, { tone: ToneName; icon: IconName }> = {
  running: { tone: "info", icon: "play" },
  paused: { tone: "warn", icon: "pause" },
  interrupted: { tone: "warn", icon: "warn" },
  succeeded: { tone: "good", icon: "check" },
  failed: { tone: "bad", icon: "cross" },
  stopped: { tone: "plain", icon: "stop" },
  waiting: { tone: "person", icon: "person" },
  unknown: { tone: "plain", icon: "clock" },
};

/** The state of a run, as word, icon and colour. */
export function StateBadge({ state, waiting = false }: { state: string; waiting?: boolean }) {
  const { t } = useTranslation();
  const shown: State = waiting && state === "running" ? "waiting" : state in LOOKS ? (state as State) : "unknown";
  const { tone, icon } = LOOKS[shown];
  return (
    <Badge tone={tone} icon={icon}>
      {t(`common.state.${shown}`)}
    </Badge>
  );
}
