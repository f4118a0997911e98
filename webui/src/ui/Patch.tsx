import { useMemo } from "react";

import classes from "./Patch.module.css";
import { plain } from "./format";

interface FileChange {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Longer changes of one file are cut. */
const MOST = 1500;

/** What changed, line by line; signs say it as well as colours. */
export function Patch({ patch }: { patch: string }) {
  const files = useMemo(() => split(patch), [patch]);
  return (
    <>
      {files.map((file) => (
        <figure key={file.path} className={classes.file}>
          <figcaption className={classes.path}>
            <bdi>{plain(file.path)}</bdi>
          </figcaption>
          <pre className={classes.lines} dir="ltr" tabIndex={0} aria-label={plain(file.path)} role="region">
            {file.lines.slice(0, MOST).map((line, index) => (
              <span key={`${index}`} className={classes.line} data-kind={kind(line)}>
                {plain(line) || " "}
                {"\n"}
              </span>
            ))}
            {file.lines.length > MOST && "…"}
          </pre>
        </figure>
      ))}
    </>
  );
}

function kind(line: string): string {
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return "same";
}

/** A patch as files; the lines that only git needs are left out. */
function split(patch: string): FileChange[] {
  const files: { path: string; lines: string[] }[] = [];
  let inHunk = false;
  for (const line of patch.split("\n")) {
    if (line.startsWith("diff --git ")) {
      files.push({ path: line.replace(/^diff --git a\/.* b\//, ""), lines: [] });
      inHunk = false;
    } else if (line.startsWith("@@")) inHunk = true;
    if (inHunk && line !== "") files.at(-1)?.lines.push(line);
    else if (line.startsWith("Binary files")) files.at(-1)?.lines.push(line);
  }
  return files;
}
