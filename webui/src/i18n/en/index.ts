import { common } from "./common";
import { errors } from "./errors";
import { home } from "./home";
import { run } from "./run";
import { shell } from "./shell";

export const en = { common, errors, home, run, shell };
