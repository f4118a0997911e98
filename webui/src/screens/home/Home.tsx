import { useStatus } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";

import { Begin } from "./Begin";
import { Demos } from "./Demos";
import classes from "./Home.module.css";
import { ModelCard } from "./ModelCard";
import { Runs } from "./Runs";

/** Where a run begins, and all that were. */
export function Home() {
  const status = useStatus();
  const silent = status.data !== undefined && !status.data.models.some((model) => model.answers !== false);
  return (
    <div className={classes.screen}>
      <div className={classes.top}>
        <div className={classes.column}>
          <Begin />
          <ErrorNote error={status.data ? undefined : status.error} retry={() => void status.refetch()} />
          <Runs />
        </div>
        <div className={classes.side}>
          <ModelCard models={status.data?.models} />
          <Demos prominent={silent} />
        </div>
      </div>
    </div>
  );
}
