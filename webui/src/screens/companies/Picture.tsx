import type { LocatedProblem } from "@/api/types.gen";

import { CompanyPicture } from "./CompanyPicture";
import classes from "./Companies.module.css";
import { EnvironmentPicture } from "./EnvironmentPicture";
import { RolePicture } from "./RolePicture";
import type { useNames } from "./useBlueprint";

export interface PictureProps {
  readonly kind: string;
  readonly text: string;
  readonly names: ReturnType<typeof useNames>;
  readonly problems: readonly LocatedProblem[];
  readonly become: (text: string) => void;
  readonly goTo: (line: number) => void;
}

/** What a text describes, as a picture that can be worked on. */
export function Picture(props: PictureProps) {
  return (
    <div className={classes.pictureHalf}>
      {props.kind === "company" && <CompanyPicture {...props} />}
      {props.kind === "environment" && <EnvironmentPicture text={props.text} />}
      {(props.kind === "role" || props.kind === "language") && <RolePicture text={props.text} />}
    </div>
  );
}
