import type { ReactNode } from "react";

import { Icon, type IconName } from "./Icon";
import classes from "./ui.module.css";

export type ToneName = "plain" | "good" | "bad" | "warn" | "info" | "person";

/** A small label: words and an icon; the colour only underlines them. */
export function Badge({ tone = "plain", icon, children }: { tone?: ToneName; icon?: IconName; children: ReactNode }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

interface NoteProps {
  tone?: ToneName;
  icon?: IconName;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  role?: "alert" | "status";
}

/** A message in the flow of the page. */
export function Note({ tone = "info", icon, title, children, action, role }: NoteProps) {
  return (
    <div className={classes.note} data-tone={tone} role={role}>
      {icon && <Icon name={icon} />}
      <div className={classes.noteBody}>
        {title && <p className={classes.noteTitle}>{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}

/** What is shown where there is nothing yet. */
export function Empty({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Icon name={icon} size={28} />
      <div>{children}</div>
    </div>
  );
}

export function Hidden({ children }: { children: ReactNode }) {
  return <span className={classes.hidden}>{children}</span>;
}
