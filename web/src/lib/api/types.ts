// SPDX-License-Identifier: Apache-2.0
// Short names for the types made from docs/openapi.yaml.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type Project = Schemas['Project'];
export type Scores = Schemas['Scores'];
export type RuleScore = Scores['rules'][number];
export type DayScore = Scores['by_day'][number];
export type Rule = Schemas['Rule'];
export type Category = Schemas['Category'];
export type VerdictKind = Schemas['VerdictKind'];
export type VerdictCounts = Schemas['VerdictCounts'];
export type ConversationSummary = Schemas['ConversationSummary'];
export type ConversationPage = Schemas['ConversationPage'];
export type Conversation = Schemas['Conversation'];
export type Message = Schemas['Message'];
export type ToolCall = Schemas['ToolCall'];
export type Exchange = Schemas['Exchange'];
export type Verdict = Schemas['Verdict'];
export type Evidence = Verdict['evidence'][number];
export type Captures = Schemas['Captures'];
export type IngestKey = Schemas['IngestKey'];
export type RedactionAction = Schemas['RedactionAction'];
export type RedactionPolicy = Schemas['RedactionPolicy'];
export type RedactionSettings = Schemas['RedactionSettings'];
export type RedactionTrial = Schemas['RedactionTrial'];
export type RedactionVersion = Schemas['RedactionVersion'];
export type AuditOutcome = Schemas['AuditOutcome'];
export type AuditEvent = Schemas['AuditEvent'];
export type AuditEventDetail = Schemas['AuditEventDetail'];
export type AuditProof = Schemas['AuditProof'];
export type AuditCheckpoint = Schemas['AuditCheckpoint'];
