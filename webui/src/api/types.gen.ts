// Written by scripts/page_types.py from the server's models. Do not edit.

export type Accepted = {
  "v"?: number;
  "type": "accepted";
  "phase": string;
  "visit": number;
  "reply": string;
  "mended"?: (string)[];
};

export type Answer = {
  "text"?: string;
  "choice"?: string;
  "by"?: string;
};

export type ArtifactMade = {
  "v"?: number;
  "type": "artifact";
  "phase": string;
  "visit": number;
  "name": string;
  "kind": string;
  "value": unknown;
};

export type Company = {
  "name": string;
  "title"?: string | Record<string, string>;
  "description"?: string | Record<string, string>;
  "inputs"?: Record<string, string>;
  "limits"?: Limits;
  "success"?: string | boolean;
  "rules"?: string | Record<string, string> | null;
  "roles"?: Record<string, Role>;
  "environments"?: Record<string, Environment>;
  "phases": Record<string, Phase>;
};

export type Coverage = {
  "covered": number;
  "total": number;
  "files"?: (FileCoverage)[];
};

export type Decision = {
  "v"?: number;
  "type": "decision";
  "what": string;
  "value": unknown;
};

export type Design = {
  "files": (DesignFile)[];
  "entry"?: string;
  "start"?: string;
};

export type DesignFile = {
  "path": string;
  "purpose": string;
  "names"?: (string)[];
  "depends_on"?: (string)[];
};

export type Edits = {
  "paths": (string)[];
  "commit"?: string;
};

export type Entry = {
  "run": string;
  "seq": number;
  "key": string;
  "at": number;
  "input"?: string;
  "event": RunStarted | RunResumed | RunEnded | PhaseStarted | PhaseFinished | PhaseSkipped | PhaseFailedEvent | Reply | Accepted | Repair | ArtifactMade | FilesChanged | PathsRefused | EvidenceSeen | RolledBack | Stuck | Decision | GateOpened | GateAnswered | LimitHit | ModelContact | ServersCounted | Note;
};

export type Environment = {
  "name"?: string;
  "title"?: string | Record<string, string>;
  "description"?: string | Record<string, string>;
  "seats": Record<string, Seat>;
  "rules"?: Rules;
};

export type Evidence = {
  "kind"?: "command" | "tests" | "static" | "window" | "terminal" | "web" | "hollow" | "control";
  "command"?: (string)[];
  "passed": boolean;
  "reason"?: string;
  "exit_code"?: number | null;
  "ended"?: string;
  "seconds"?: number;
  "tests"?: TestResults | null;
  "coverage"?: Coverage | null;
  "head"?: string;
  "tail"?: string;
  "shows"?: (Show)[];
  "commit"?: string;
  "repeats"?: number;
  "sandbox"?: string;
  "warm"?: boolean;
};

export type EvidenceSeen = {
  "v"?: number;
  "type": "evidence";
  "phase": string;
  "visit": number;
  "evidence": Record<string, unknown>;
};

export type FileCoverage = {
  "covered": number;
  "total": number;
  "path": string;
  "missing"?: (string)[];
};

export type Files = {
  "paths": (string)[];
  "commit"?: string;
};

export type FilesChanged = {
  "v"?: number;
  "type": "files";
  "phase": string;
  "visit": number;
  "author": string;
  "commit": string;
  "parents": (string)[];
  "written"?: (string)[];
  "deleted"?: (string)[];
  "conflicts"?: (string)[];
};

export type Finding = {
  "file"?: string;
  "line"?: number;
  "severity"?: "blocker" | "major" | "minor";
  "what": string;
  "how"?: string;
};

export type GateAnswered = {
  "v"?: number;
  "type": "gate.answered";
  "phase": string;
  "visit": number;
  "text"?: string;
  "choice"?: string;
  "by"?: string;
};

export type GateOpened = {
  "v"?: number;
  "type": "gate.opened";
  "phase": string;
  "visit": number;
  "question": string;
  "choices"?: (string)[];
  "default"?: string | null;
};

export type LimitHit = {
  "v"?: number;
  "type": "limit";
  "kind": string;
  "used": number;
  "allowed": number;
};

export type Limits = {
  "tokens"?: number;
  "turns"?: number;
  "minutes"?: number;
};

export type ModelContact = {
  "v"?: number;
  "type": "model";
  "tier": string;
  "provider": string;
  "name": string;
  "url"?: string;
  "context"?: number;
  "facts"?: Record<string, unknown>;
};

export type Moment = {
  "did": string;
  "saw"?: string;
  "picture"?: string;
};

export type Note = {
  "v"?: number;
  "type": "note";
  "text": string;
  "phase"?: string;
  "visit"?: number;
};

export type Opinion = {
  "agreed": boolean;
  "message"?: string;
};

export type PathsRefused = {
  "v"?: number;
  "type": "paths.refused";
  "phase": string;
  "visit": number;
  "paths": Record<string, string>;
};

export type Phase = {
  "ask"?: string | null;
  "meet"?: string | null;
  "run"?: string | (string)[] | Trial | null;
  "human"?: string | Record<string, string> | null;
  "company"?: string | null;
  "network"?: Record<string, unknown> | null;
  "call"?: string | null;
  "title"?: string | Record<string, string> | null;
  "after"?: string | (string)[];
  "any"?: (string)[];
  "when"?: string | boolean | null;
  "then"?: string | null;
  "at_most"?: number | null;
  "or_else"?: string;
  "each"?: string | null;
  "samples"?: number;
  "pick"?: "verified" | "vote" | "best";
  "verify"?: string | (string)[] | null;
  "judge"?: string | null;
  "seats"?: Record<string, string>;
  "prompt"?: string | Record<string, string>;
  "produces"?: Record<string, string | Record<string, unknown>>;
  "paths"?: (string)[];
  "reads"?: (string)[] | null;
  "inputs"?: Record<string, string | boolean>;
  "outputs"?: Record<string, string>;
  "choices"?: (string)[];
  "default"?: string | null;
  "model"?: string | null;
  "temperature"?: number | null;
  "tools"?: (string)[] | null;
  "memory"?: string | Record<string, unknown> | null;
  "turns"?: number | null;
  "timeout"?: number | null;
  "on_error"?: "fail" | "retry" | "escalate" | "continue";
};

export type PhaseFailedEvent = {
  "v"?: number;
  "type": "phase.failed";
  "phase": string;
  "visit": number;
  "code": string;
  "reason": string;
  "handled"?: string;
};

export type PhaseFinished = {
  "v"?: number;
  "type": "phase.finished";
  "phase": string;
  "visit": number;
  "commit"?: string;
};

export type PhaseSkipped = {
  "v"?: number;
  "type": "phase.skipped";
  "phase": string;
  "visit": number;
  "reason": string;
};

export type PhaseStarted = {
  "v"?: number;
  "type": "phase.started";
  "phase": string;
  "visit": number;
  "kind": string;
};

export type PromptRef = {
  "base"?: string | null;
  "keep"?: number;
  "add"?: ((string)[])[];
};

export type Repair = {
  "v"?: number;
  "type": "repair";
  "phase": string;
  "visit": number;
  "reply": string;
  "problem": string;
  "detail": string;
  "rung": "reask" | "continue" | "resample" | "escalate" | "give_up";
};

export type Reply = {
  "v"?: number;
  "type": "reply";
  "phase": string;
  "visit": number;
  "item"?: string;
  "role": string;
  "title"?: string;
  "seat"?: string;
  "attempt"?: number;
  "tier"?: string;
  "model"?: string;
  "prompt"?: PromptRef;
  "text": string;
  "thinking"?: string;
  "samples"?: (string)[];
  "requests"?: number;
  "finish"?: string;
  "usage"?: Usage;
  "seconds"?: number;
  "first_token"?: number;
  "where"?: string;
  "asked"?: Record<string, unknown>;
};

export type Requirement = {
  "id": string;
  "text": string;
  "test"?: string;
};

export type Requirements = {
  "title": string;
  "summary": string;
  "kind"?: "command" | "library" | "window" | "terminal" | "web" | "other";
  "language"?: string;
  "dependencies"?: (string)[];
  "items": (Requirement)[];
};

export type Resolved = {
  "company": Company;
  "roles"?: Record<string, Role>;
  "environments"?: Record<string, Environment>;
  "companies"?: Record<string, Resolved>;
};

export type Role = {
  "name"?: string;
  "title"?: string | Record<string, string>;
  "duties"?: string | Record<string, string>;
  "prompt"?: string | Record<string, string>;
  "model"?: string;
  "temperature"?: number | null;
  "tools"?: (string)[];
  "memory"?: string | Record<string, unknown> | null;
};

export type RolledBack = {
  "v"?: number;
  "type": "rolled_back";
  "phase": string;
  "visit": number;
  "commit": string;
  "reason": string;
};

export type Rules = {
  "order"?: string | Record<string, unknown>;
  "visibility"?: string | Record<string, unknown>;
  "selection"?: string | Record<string, unknown>;
  "update"?: string | Record<string, unknown>;
  "description"?: string | Record<string, unknown>;
  "stop"?: Record<string, unknown>;
};

export type RunEnded = {
  "v"?: number;
  "type": "run.ended";
  "outcome": "succeeded" | "failed" | "stopped";
  "reason"?: string;
  "commit"?: string;
};

export type RunResumed = {
  "v"?: number;
  "type": "run.resumed";
  "epoch": number;
};

export type RunStarted = {
  "v"?: number;
  "type": "run.started";
  "idea": string;
  "language"?: string;
  "company": Record<string, unknown>;
  "revision": string;
  "inputs"?: Record<string, string>;
  "settings"?: Record<string, unknown>;
  "product"?: string;
  "base"?: string;
  "clock": number;
};

export type Seat = {
  "writes"?: string;
  "again"?: string | Record<string, string>;
  "prompt"?: string | Record<string, string>;
};

export type ServersCounted = {
  "v"?: number;
  "type": "counters";
  "tier": string;
  "servers": Record<string, Record<string, number>>;
};

export type Show = {
  "kind": "command" | "window" | "terminal" | "web";
  "command"?: (string)[];
  "passed": boolean;
  "reason"?: string;
  "ended"?: string;
  "fix"?: string;
  "moments"?: (Moment)[];
  "changed"?: (string)[];
  "since"?: number;
  "seconds"?: number;
};

export type Step = {
  "do": "run" | "open" | "key" | "type" | "click" | "wait";
  "what"?: string;
  "see"?: string;
};

export type Stuck = {
  "v"?: number;
  "type": "stuck";
  "phase": string;
  "visit": number;
  "what": "same_reply" | "same_evidence" | "circles";
  "measure": string;
};

export type TestCase = {
  "id": string;
  "outcome": "passed" | "failed" | "error" | "skipped";
  "seconds"?: number;
  "message"?: string;
  "frame"?: string;
};

export type TestResults = {
  "passed"?: number;
  "failed"?: number;
  "errors"?: number;
  "skipped"?: number;
  "cases"?: (TestCase)[];
};

export type Tour = {
  "steps": (Step)[];
};

export type Trial = {
  "command"?: string | (string)[];
  "show"?: "auto" | "command" | "window" | "terminal" | "web";
  "tour"?: string | null;
};

export type Usage = {
  "prompt"?: number;
  "cached"?: number;
  "completion"?: number;
  "reasoning"?: number;
};

export type Verdict = {
  "findings"?: (Finding)[];
  "approved": boolean;
};

export type AnyEvent = RunStarted | RunResumed | RunEnded | PhaseStarted | PhaseFinished | PhaseSkipped | PhaseFailedEvent | Reply | Accepted | Repair | ArtifactMade | FilesChanged | PathsRefused | EvidenceSeen | RolledBack | Stuck | Decision | GateOpened | GateAnswered | LimitHit | ModelContact | ServersCounted | Note;
