// Written by scripts/page_types.py from the server's models. Do not edit.

export type Accepted = {
  "v"?: number;
  "type": "accepted";
  "phase": string;
  "visit": number;
  "reply": string;
  "mended"?: (string)[];
};

export type Action = {
  "about"?: string | Record<string, string>;
  "fields"?: Record<string, string | Record<string, unknown>>;
  "offered"?: string | boolean;
  "allowed"?: string | boolean;
  "refused"?: string | Record<string, string>;
  "changes"?: Record<string, string | boolean>;
  "says"?: string | Record<string, string>;
  "heard_by"?: string | boolean | null;
  "leads_to"?: string | null;
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

export type Asked = {

};

export type AskedLimits = {
  "tokens"?: number | null;
  "turns"?: number | null;
  "minutes"?: number | null;
};

export type Attempt = {
  "solution": string;
  "accepted"?: boolean;
  "score"?: number;
  "advice"?: string;
};

export type Attempts = {
  "tried"?: (Attempt)[];
};

export type Begin = {
  "idea"?: string;
  "company"?: string | null;
  "language"?: "en" | "zh" | null;
  "code"?: string;
  "limits"?: AskedLimits;
  "inputs"?: Record<string, string>;
  "models"?: Record<string, string>;
  "source"?: string | null;
  "name"?: string | null;
  "ask"?: boolean;
  "demo"?: string | null;
};

export type BlueprintBrief = {
  "kind": "company" | "role" | "environment" | "language";
  "name": string;
  "title": string | Record<string, string>;
  "description": string | Record<string, string>;
  "origin": "project" | "user" | "shipped";
  "path": string;
  "hides": boolean;
  "inputs": Record<string, string>;
};

export type BlueprintList = {
  "blueprints": (BlueprintBrief)[];
};

export type BlueprintText = {
  "kind": "company" | "role" | "environment" | "language";
  "name": string;
  "origin": "project" | "user" | "shipped";
  "path": string;
  "text": string;
  "hash": string;
};

export type Catalogue = {
  "report": Record<string, unknown>;
};

export type Chosen = {
  "by": string;
  "of": (string)[];
};

export type Commit = {
  "commit": string;
  "parents": (string)[];
  "seq": number;
  "key": string;
  "at": number;
  "phase": string;
  "visit": number;
  "author": string;
  "written": (string)[];
  "deleted": (string)[];
  "conflicts": (string)[];
};

export type Commits = {
  "base": string;
  "commits": (Commit)[];
};

export type Company = {
  "name": string;
  "title"?: string | Record<string, string>;
  "description"?: string | Record<string, string>;
  "inputs"?: Record<string, string>;
  "options"?: Record<string, (string)[]>;
  "refuses"?: (Refusal)[];
  "limits"?: Limits;
  "scene"?: string | null;
  "success"?: string | boolean;
  "rules"?: string | Record<string, string> | null;
  "opening"?: string | Record<string, string> | null;
  "roles"?: Record<string, Role>;
  "environments"?: Record<string, Environment>;
  "phases": Record<string, Phase>;
};

export type Comparison = {
  "a": Side;
  "b": Side;
  "shared": number;
  "parting": Parting | null;
  "better": "a" | "b" | "same" | "unknown";
  "patch": string;
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

export type DemoBrief = {
  "name": string;
  "title": string;
  "company": string;
  "idea": string;
};

export type Demos = {
  "demos": (DemoBrief)[];
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

export type Diff = {
  "parts": (DiffPart)[];
};

export type DiffPart = {
  "commit": string;
  "base": string;
  "phase": string;
  "visit": number;
  "author": string;
  "patch": string;
};

export type Doctor = {
  "report": Record<string, unknown>;
};

export type Done = {
  "ok": boolean;
  "detail": string;
};

export type Draft = {
  "kind"?: "company" | "role" | "environment" | "language";
  "name": string;
  "text"?: string | null;
};

export type DryMessage = {
  "role": string;
  "text": string;
};

export type DryPhase = {
  "name": string;
  "kind": string;
  "assumed": string;
  "turns": (DryTurn)[];
  "problem": string;
};

export type DryRun = {
  "phases": (DryPhase)[];
  "turns": number;
  "tokens": number;
};

export type DryRunAsked = {
  "name": string;
  "text"?: string | null;
  "idea"?: string;
  "language"?: "en" | "zh" | null;
  "inputs"?: Record<string, string>;
};

export type DryTurn = {
  "key": string;
  "phase": string;
  "role": string;
  "title": string;
  "seat": string;
  "tier": string;
  "expects": string;
  "prompt": (DryMessage)[];
  "tokens": number;
  "placeholder": string;
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
  "event": RunStarted | RunResumed | RunEnded | PhaseStarted | PhaseFinished | PhaseSkipped | PhaseFailedEvent | Reply | Accepted | Repair | Escalated | TierSpent | ToolCalled | ArtifactMade | FilesChanged | PathsRefused | EvidenceSeen | RolledBack | Stuck | Decision | Remembered | GateOpened | GateAnswered | Said | LimitHit | ModelContact | ServersCounted | SceneSet | LineSaid | SeatFailed | SceneEnded | Note;
};

export type Environment = {
  "name"?: string;
  "title"?: string | Record<string, string>;
  "description"?: string | Record<string, string>;
  "params"?: Record<string, unknown>;
  "about"?: Record<string, Settable>;
  "setting"?: string | Record<string, string>;
  "files"?: Record<string, string | Record<string, string>>;
  "recording"?: string;
  "seats": Record<string, Seat>;
  "words"?: Record<string, string | Record<string, string>>;
  "world"?: Record<string, unknown>;
  "actions"?: Record<string, Action>;
  "rules"?: Rules;
  "stages"?: Record<string, Stage>;
  "measures"?: Record<string, string | boolean>;
  "report"?: string | Record<string, string>;
};

export type ErrorBody = {
  "code": string;
  "message": string;
  "fix": string | null;
  "problems": (LocatedProblem)[];
};

export type Escalated = {
  "v"?: number;
  "type": "escalated";
  "phase": string;
  "visit": number;
  "step": string;
  "tier": string;
  "to": string;
  "why": "invalid" | "red" | "same" | "failed" | "agreement" | "logprob";
  "measured": number;
  "allowed"?: number | null;
};

export type Escalation = {
  "after_invalid"?: number | null;
  "after_red"?: number | null;
  "agreement"?: number | null;
  "logprob"?: number | null;
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

export type EvidenceBrief = {
  "passed": boolean;
  "reason": string;
  "command": (string)[];
  "passed_tests": number | null;
  "failed_tests": number | null;
  "commit": string;
  "pictures": (string)[];
};

export type EvidenceSeen = {
  "v"?: number;
  "type": "evidence";
  "phase": string;
  "visit": number;
  "evidence": Record<string, unknown>;
};

export type Failure = {
  "error": ErrorBody;
};

export type FileContent = {
  "commit": string;
  "path": string;
  "size": number;
  "binary": boolean;
  "text": string;
  "truncated": boolean;
};

export type FileCoverage = {
  "covered": number;
  "total": number;
  "path": string;
  "missing"?: (string)[];
};

export type FileEntry = {
  "path": string;
  "size": number;
  "author": string;
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

export type Fork = {
  "phase": string;
  "prompt"?: string | null;
  "company"?: string | null;
  "models"?: Record<string, string>;
  "limits"?: AskedLimits;
  "name"?: string | null;
  "ask"?: boolean;
};

export type GateAnswered = {
  "v"?: number;
  "type": "gate.answered";
  "phase": string;
  "visit": number;
  "text"?: string;
  "choice"?: string;
  "by"?: string;
  "files"?: Record<string, string>;
};

export type GateOpened = {
  "v"?: number;
  "type": "gate.opened";
  "phase": string;
  "visit": number;
  "question": string;
  "choices"?: (string)[];
  "default"?: string | null;
  "seat"?: string;
};

export type GoOn = {
  "limits"?: AskedLimits;
  "as_begun"?: boolean;
  "models"?: Record<string, string>;
  "ask"?: boolean;
};

export type Graph = {
  "name": string;
  "title": string | Record<string, string>;
  "success": string;
  "nodes": (GraphNode)[];
  "edges": (GraphEdge)[];
  "problems": (LocatedProblem)[];
};

export type GraphEdge = {
  "source": string;
  "target": string;
  "kind": "after" | "any" | "or_else" | "then";
  "label": string;
};

export type GraphNode = {
  "name": string;
  "title": string | Record<string, string>;
  "kind": string;
  "work": string;
  "level": number;
  "roles": (string)[];
  "produces": Record<string, unknown>;
  "when": string | null;
  "each": string | null;
  "line": number;
};

export type Holders = {
  "each": string;
  "at_most"?: number | string | boolean | null;
};

export type LanguageBrief = {
  "name": string;
  "title": string | Record<string, string>;
};

export type Languages = {
  "languages": (LanguageBrief)[];
};

export type Lead = {
  "to": string;
  "when"?: string | boolean;
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

export type LineSaid = {
  "v"?: number;
  "type": "line";
  "phase": string;
  "visit": number;
  "seat": string;
  "turn"?: number;
  "stage"?: string;
  "action"?: string;
  "text"?: string;
  "heard_by"?: (string)[] | null;
  "changes"?: Record<string, unknown>;
  "reply"?: string;
};

export type LocatedProblem = {
  "file": string;
  "line": number;
  "column": number;
  "where": string;
  "what": string;
  "fix": string | null;
  "severity": string;
};

export type Login = {
  "token"?: string;
  "password"?: string;
};

export type Metrics = {
  "url": string;
  "model": string;
  "in_flight": number;
  "waiting": number;
  "limit": number;
  "tokens_per_second": number | null;
  "cache_hits": number | null;
};

export type MetricsList = {
  "servers": (Metrics)[];
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

export type ModelState = {
  "tier": string;
  "provider": string;
  "model": string;
  "place": string;
  "origin": string;
  "answers": boolean | null;
  "context": number;
  "server": string;
  "problem": string;
  "fix": string | null;
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

export type Parameter = {
  "name": string;
  "kind": "text" | "number" | "yes_no" | "data";
  "value": string | Record<string, string>;
  "title": string | Record<string, string>;
  "least": number | null;
  "most": number | null;
  "whole": boolean;
  "choices": (string)[];
  "open": boolean;
};

export type Parting = {
  "key": string;
  "phase": string;
  "seq_a": number | null;
  "seq_b": number | null;
  "type": string;
  "what": "text" | "prompt" | "evidence" | "decision" | "answer" | "files" | "missing";
  "text_a": string;
  "text_b": string;
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
  "meet"?: string | Chosen | null;
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
  "take_back"?: boolean;
  "verify"?: string | (string)[] | null;
  "judge"?: string | null;
  "seats"?: Record<string, string | Holders>;
  "prompt"?: string | Record<string, string>;
  "produces"?: Record<string, string | Record<string, unknown>>;
  "paths"?: (string)[];
  "reads"?: (string)[] | null;
  "inputs"?: Record<string, string | boolean>;
  "outputs"?: Record<string, string>;
  "choices"?: (string)[];
  "default"?: string | null;
  "model"?: "edge" | "cloud" | "vision" | null;
  "escalate"?: "never" | Escalation | null;
  "temperature"?: number | null;
  "tools"?: (string)[] | null;
  "tool_calls"?: number;
  "memory"?: string | Record<string, unknown> | (string | Record<string, unknown>)[] | null;
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

export type PhaseReport = {
  "name": string;
  "title"?: string | Record<string, string>;
  "kind"?: string;
  "visits"?: number;
  "skipped"?: boolean;
  "failed"?: string;
  "turns"?: number;
  "usage"?: Usage;
  "seconds"?: number;
  "repairs"?: number;
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

export type Preview = {
  "url": string;
  "pages": (string)[];
};

export type Prompt = {
  "key": string;
  "segments": (PromptSegment)[];
  "shared_segments": number;
  "base": string | null;
  "usage": Usage;
  "model": string;
  "tier": string;
};

export type PromptRef = {
  "base"?: string | null;
  "keep"?: number;
  "add"?: ((string)[])[];
};

export type PromptSegment = {
  "role": string;
  "text": string;
  "shared": boolean;
};

export type Recruit = {
  "title": string;
  "duties"?: string;
};

export type Refusal = {
  "when": string | boolean;
  "because": string | Record<string, string>;
  "fix"?: string | Record<string, string>;
};

export type Remembered = {
  "v"?: number;
  "type": "remembered";
  "phase": string;
  "visit": number;
  "seat": string;
  "what": string;
  "value": unknown;
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

export type Repeat = {
  "simulate": Simulate;
  "times": number;
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
  "logprob"?: number | null;
  "pictures"?: (string)[];
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
  "model"?: "edge" | "cloud" | "vision";
  "escalate"?: "never" | Escalation | null;
  "temperature"?: number | null;
  "tools"?: (string)[];
  "memory"?: string | Record<string, unknown> | (string | Record<string, unknown>)[] | null;
};

export type RoleBrief = {
  "name": string;
  "title": string | Record<string, string>;
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
  "update"?: string | Record<string, unknown> | (string | Record<string, unknown>)[];
  "description"?: string | Record<string, unknown>;
  "stop"?: Record<string, unknown>;
};

export type RunBrief = {
  "id": string;
  "company": string;
  "company_title": string | Record<string, string>;
  "idea": string;
  "language": string;
  "state": "running" | "paused" | "interrupted" | "succeeded" | "failed" | "stopped";
  "here": boolean;
  "created": number;
  "ended": number | null;
  "seconds": number;
  "events": number;
  "parent": string | null;
  "turns": number;
  "usage": Usage;
  "cost": number | null;
  "evidence": EvidenceBrief | null;
  "scene": SceneBrief | null;
  "waiting": (Waiting)[];
  "phase": string;
  "reason": string;
  "limit": string;
  "demo": boolean;
  "veiled": boolean;
};

export type RunDetail = {
  "id": string;
  "company": string;
  "company_title": string | Record<string, string>;
  "idea": string;
  "language": string;
  "state": "running" | "paused" | "interrupted" | "succeeded" | "failed" | "stopped";
  "here": boolean;
  "created": number;
  "ended": number | null;
  "seconds": number;
  "events": number;
  "parent": string | null;
  "turns": number;
  "usage": Usage;
  "cost": number | null;
  "evidence": EvidenceBrief | null;
  "scene": SceneBrief | null;
  "waiting": (Waiting)[];
  "phase": string;
  "reason": string;
  "limit": string;
  "demo": boolean;
  "veiled": boolean;
  "inputs": Record<string, string>;
  "limits": AskedLimits;
  "models": Record<string, string>;
  "sandbox": string;
  "product": string;
  "commit": string;
  "folder": string;
  "start": string;
  "full_evidence": Evidence | null;
  "phases": (PhaseReport)[];
  "roles": (RoleBrief)[];
  "epoch": number;
};

export type RunEnded = {
  "v"?: number;
  "type": "run.ended";
  "outcome": "succeeded" | "failed" | "stopped";
  "reason"?: string;
  "commit"?: string;
};

export type RunList = {
  "runs": (RunBrief)[];
  "total": number;
  "mark": string;
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

export type Said = {
  "v"?: number;
  "type": "said";
  "role": string;
  "text": string;
  "by"?: string;
};

export type Say = {
  "text": string;
  "role"?: string;
};

export type SceneBrief = {
  "seed": number;
  "over": boolean;
  "turns": number;
  "report": string;
  "measures": Record<string, unknown>;
};

export type SceneEnded = {
  "v"?: number;
  "type": "scene.ended";
  "phase": string;
  "visit": number;
  "reason": string;
  "turns": number;
  "world"?: Record<string, unknown>;
  "measures"?: Record<string, unknown>;
  "report"?: string;
};

export type SceneSet = {
  "v"?: number;
  "type": "scene";
  "phase": string;
  "visit": number;
  "environment"?: string;
  "stage"?: string;
  "title"?: string;
  "seats"?: Record<string, Record<string, string>>;
  "params"?: Record<string, unknown>;
  "seed"?: number;
  "world"?: Record<string, unknown>;
};

export type Schema = {
  "kind": "company" | "role" | "environment" | "language";
  "json_schema": Record<string, unknown>;
};

export type Seat = {
  "writes"?: string;
  "acts"?: (string)[];
  "again"?: string | Record<string, string>;
  "prompt"?: string | Record<string, string>;
  "role"?: string | Role | null;
  "count"?: number | string;
  "several"?: boolean;
  "person"?: boolean;
  "runs"?: string | (string)[] | null;
  "tools"?: (string)[] | null;
  "records"?: (string)[] | null;
  "memory"?: string | Record<string, unknown> | (string | Record<string, unknown>)[] | null;
};

export type SeatFailed = {
  "v"?: number;
  "type": "seat.failed";
  "phase": string;
  "visit": number;
  "seat": string;
  "reason": string;
  "memory"?: string;
};

export type Series = {
  "series": string;
  "environment": string;
  "runs": (RunBrief)[];
  "bars": (SeriesBar)[];
};

export type SeriesBar = {
  "name": string;
  "filled": number;
  "said": string;
};

export type Serve = {
  "name"?: string;
  "file"?: string | null;
  "engine"?: "vllm" | "llamacpp" | null;
  "context"?: number | null;
  "download"?: boolean;
};

export type Served = {
  "state": "none" | "downloading" | "starting" | "ready" | "stopping" | "failed";
  "model": string;
  "engine": string;
  "url": string;
  "context": number;
  "stage": string;
  "fraction": number | null;
  "seconds": number;
  "problem": string;
  "fix": string | null;
};

export type ServersCounted = {
  "v"?: number;
  "type": "counters";
  "tier": string;
  "servers": Record<string, Record<string, number>>;
};

export type Settable = {
  "title"?: string | Record<string, string>;
  "least"?: number | null;
  "most"?: number | null;
  "choices"?: (string)[];
  "open"?: boolean;
};

export type SettingRow = {
  "path": string;
  "value": string;
  "origin": string;
  "writable": boolean;
};

export type SettingsShown = {
  "settings": (SettingRow)[];
  "files": (string)[];
};

export type SettingsWritten = {
  "where"?: "project" | "user";
  "values": Record<string, string | number | null>;
};

export type Show = {
  "kind": "command" | "window" | "terminal" | "web";
  "command"?: (string)[];
  "passed": boolean;
  "reason"?: string;
  "ended"?: string;
  "fix"?: string;
  "moments"?: (agentverse__blueprint__artifacts__Moment)[];
  "changed"?: (string)[];
  "since"?: number;
  "seconds"?: number;
};

export type Side = {
  "run": RunBrief;
  "phases": (PhaseReport)[];
  "files": (string)[];
};

export type Simulate = {
  "environment": string;
  "seed"?: number;
  "params"?: Record<string, string>;
  "language"?: "en" | "zh" | null;
  "limits"?: AskedLimits;
  "models"?: Record<string, string>;
  "name"?: string | null;
  "ask"?: boolean;
};

export type SimulationBrief = {
  "name": string;
  "title": string | Record<string, string>;
  "description": string | Record<string, string>;
  "params": (Parameter)[];
  "persons": number;
};

export type SimulationList = {
  "simulations": (SimulationBrief)[];
};

export type Stage = {
  "title"?: string | Record<string, string>;
  "task"?: string | Record<string, string>;
  "tasks"?: Record<string, string | Record<string, string>>;
  "acts"?: (string)[] | Record<string, (string)[]>;
  "rules"?: Record<string, unknown>;
  "steps"?: number | string | null;
  "until"?: string | boolean | null;
  "begin"?: (agentverse__blueprint__acting__Moment)[];
  "end"?: (agentverse__blueprint__acting__Moment)[];
  "then"?: string | (Lead)[] | null;
};

export type Status = {
  "version": string;
  "instance": string;
  "project": string;
  "language": "en" | "zh";
  "company": string;
  "loopback": boolean;
  "models": (ModelState)[];
  "runs": Record<string, number>;
  "journal": string;
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

export type Team = {
  "members": (Recruit)[];
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

export type TierSpent = {
  "v"?: number;
  "type": "tier.spent";
  "tier": string;
  "kind": "tokens" | "money";
  "used": number;
  "allowed": number;
};

export type Told = {

};

export type ToolCalled = {
  "v"?: number;
  "type": "tool";
  "phase": string;
  "visit": number;
  "item"?: string;
  "role": string;
  "title"?: string;
  "seat"?: string;
  "tool": string;
  "arguments"?: Record<string, unknown>;
  "ok": boolean;
  "result": string;
  "whole"?: string;
  "commit"?: string;
  "seconds"?: number;
};

export type Tour = {
  "steps": (Step)[];
};

export type Tree = {
  "commit": string;
  "files": (FileEntry)[];
};

export type Trial = {
  "command"?: string | (string)[];
  "show"?: "auto" | "command" | "window" | "terminal" | "web";
  "tour"?: string | null;
};

export type Upload = {
  "path": string;
  "content": string;
};

export type Usage = {
  "prompt"?: number;
  "cached"?: number;
  "completion"?: number;
  "reasoning"?: number;
};

export type Validation = {
  "ok": boolean;
  "problems": (LocatedProblem)[];
};

export type Verdict = {
  "findings"?: (Finding)[];
  "approved": boolean;
};

export type Waiting = {
  "gate": string;
  "phase": string;
  "question": string;
  "choices": (string)[];
  "default": string | null;
  "since": number;
};

export type Write = {
  "text": string;
  "where"?: "project" | "user";
  "replaces"?: string | null;
  "hide"?: boolean;
};

export type Written = {
  "settings": (SettingRow)[];
  "shadowed": (string)[];
};

export type agentverse__blueprint__acting__Moment = {
  "when"?: string | boolean;
  "changes"?: Record<string, string | boolean>;
  "says"?: string | Record<string, string>;
  "to"?: string | boolean | null;
};

export type agentverse__blueprint__artifacts__Answer = {
  "text"?: string;
  "choice"?: string;
  "by"?: string;
};

export type agentverse__blueprint__artifacts__Moment = {
  "did": string;
  "saw"?: string;
  "picture"?: string;
};

export type agentverse__web__shapes__runs__Answer = {
  "gate": string;
  "text"?: string;
  "choice"?: string;
  "files"?: (Upload)[];
};

export type AnyEvent = RunStarted | RunResumed | RunEnded | PhaseStarted | PhaseFinished | PhaseSkipped | PhaseFailedEvent | Reply | Accepted | Repair | Escalated | TierSpent | ToolCalled | ArtifactMade | FilesChanged | PathsRefused | EvidenceSeen | RolledBack | Stuck | Decision | Remembered | GateOpened | GateAnswered | Said | LimitHit | ModelContact | ServersCounted | SceneSet | LineSaid | SeatFailed | SceneEnded | Note;
