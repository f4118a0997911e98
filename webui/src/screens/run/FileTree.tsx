import { useTranslation } from "react-i18next";

import type { FileEntry } from "@/api/types.gen";
import type { FileState } from "@/journal/moment";
import { Icon } from "@/ui/Icon";
import { bytes, oneLine } from "@/ui/format";

import classes from "./Files.module.css";

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: FileEntry[];
}

interface Props {
  readonly files: readonly FileEntry[];
  readonly changed: ReadonlyMap<string, FileState>;
  readonly chosen: string;
  readonly choose: (path: string) => void;
}

/** The files as a tree. */
export function FileTree(props: Props) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("run.files.tree")} className={classes.tree}>
      <Level {...props} folder={grouped(props.files)} />
    </nav>
  );
}

function Level({ folder, ...props }: Props & { folder: Folder }) {
  return (
    <ul style={{ paddingLeft: 0 }}>
      {[...folder.folders].map(([name, inner]) => (
        <li key={name}>
          <span className={classes.folder}>
            <Icon name="folder" size={15} /> <bdi>{oneLine(name, 80)}</bdi>
          </span>
          <div style={{ paddingLeft: 14 }}>
            <Level {...props} folder={inner} />
          </div>
        </li>
      ))}
      {folder.files.map((file) => (
        <li key={file.path}>
          <button
            type="button"
            className={classes.entry}
            aria-current={file.path === props.chosen}
            title={`${oneLine(file.author || props.changed.get(file.path)?.author || "", 60)} · ${bytes(file.size)}`}
            onClick={() => props.choose(file.path)}
          >
            <Icon name="file" size={15} />
            <bdi>{oneLine(file.path.split("/").pop() ?? "", 100)}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}

function grouped(files: readonly FileEntry[]): Folder {
  const root: Folder = { folders: new Map(), files: [] };
  for (const file of files) {
    let here = root;
    for (const name of file.path.split("/").slice(0, -1)) {
      const inner: Folder = here.folders.get(name) ?? { folders: new Map(), files: [] };
      here.folders.set(name, inner);
      here = inner;
    }
    here.files.push(file);
  }
  return root;
}
