import { useTranslation } from "react-i18next";

import type { Environment } from "@/api/types.gen";
import { localized } from "@/i18n";
import { oneLine } from "@/ui/format";

/** Actions that every environment has, and that need no words of its own. */
const USUAL = ["speak", "ask", "call_on", "raise_hand", "whisper", "move", "vote", "pass"] as const;

/** What an action is called: as its environment says, else in the page's words, else its name. */
export function useActionName(): (environment: Environment | undefined, action: string) => string {
  const { t } = useTranslation();
  return (environment, action) => {
    const about = localized(environment?.actions?.[action]?.about);
    const usual = USUAL.find((name) => name === action);
    return oneLine(about || (usual ? t(`run.action.${usual}`) : action.replaceAll("_", " ")), 60);
  };
}
