import { useMemo } from "react";

import { changes } from "@/journal/blocks";

import { Change } from "./Change";
import content from "./Content.module.css";

/** Longer changes of one file are cut. */
const MOST = 1500;

/** What changed, file by file. */
export function Patch({ patch }: { patch: string }) {
  const files = useMemo(() => (patch.trim() ? changes(patch.split("\n")) : []), [patch]);
  return (
    <div className={content.content}>
      {files.map((file, index) => (
        <Change key={`${index}`} path={file.path} lines={file.lines} most={MOST} />
      ))}
    </div>
  );
}
