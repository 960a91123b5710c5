import type { Hours } from '../plan/hours';
import type { Partitioning } from '../plan/layout';
import type { Deletes, Metric, ReconcileDepth, WriteMode } from '../plan/table-spec';
import type { Endpoint } from '../postgres/endpoint';
import type { Schedules } from './schedule-settings';
import type { TableName, TablePattern } from '../postgres/identifiers';

/** A configuration file after checking: defaults merged, units turned into numbers, secrets read. Stays on the worker. */
export interface Config {
  /** The sync's name; also its workflow ID's stem and its key in the destination's checkpoints. */
  name: string;
  /** Absolute path of the file that it was read from. */
  file: string;
  /** Absolute path of the folder that the file is in; `.tidemark/` lives there. */
  folder: string;
  source: SourceEndpoint;
  destination: Endpoint;
  /** How far the horizon stays behind the source's now. */
  settleDelayMs: number;
  /** How many tables at once, and how many intervals of each. */
  parallelism: { tables: number; intervals: number };
  tables: TableConfig[];
  /** Not there: nobody is told. */
  alarms?: AlarmConfig;
  /** When runs begin by themselves. */
  schedules: Schedules;
  /** Not there: the embedded server is used. */
  temporal?: TemporalConfig;
  /** Not there: Temporal stores payloads as they are. */
  encryption?: Encryption;
}

/** Who is told when a table's health changes, and what its limits are. */
export interface AlarmConfig {
  /** A URL, which is a secret: whoever has it may post there. */
  webhook: string;
  format: 'json' | 'slack';
  /** How far a table may lag. Not there: however far. */
  lagMs?: number;
  /** How long a run may go without a batch. */
  stallMs: number;
}

/** The source, and how it is spared. */
export interface SourceEndpoint extends Endpoint {
  /** The most rows per second that a sync reads, over all workers. */
  maxRowsPerSecond?: number;
  /** Outside them nothing is read. */
  hours?: Hours;
}

/**
 * Where reading begins: PostgreSQL's text for a time in UTC, a whole number for integer cursor columns, or `none`: at
 * the very first row. `byDefault` where the file says nothing: then an integer column is read from its first row.
 */
export type Start = { at: string; byDefault?: true } | { ticks: string } | 'none';

/**
 * How far below the watermark every run reads again. Ticks are a whole number as text, for integer cursor columns;
 * zero is `{ ms: 0 }` for every kind.
 */
export type Lookback = { ms: number } | { ticks: string };

/** One entry of `tables`, with `defaults` merged in. What is not given is found out from the source. */
export interface TableConfig {
  /** One table, or a pattern that may match several or none. A schema not given means: found on the search path. */
  pattern: TablePattern;
  /** The name without quotes and wildcards, unless `pattern` has wildcards. */
  name?: PartialTableName;
  /** As written in the file, for messages. */
  written: string;
  cursor?: string;
  key?: string[];
  mode?: WriteMode;
  exclude: string[];
  /** Default: the source's name. */
  target?: PartialTableName;
  lookback: Lookback;
  start: Start;
  /** The rows or bytes that a batch may hold, whichever is reached first. */
  batch: { rows: number; bytes: number };
  /** Column name → type at the destination, in SQL. */
  types: Record<string, string>;
  /** What a table that Tidemark makes is parted into. Default: hypertable where both ends can, else none. */
  partitions?: Partitioning;
  /** The width of a chunk, or of a native partition. Default: the source's. */
  chunkInterval?: Lookback;
  /** Whether columnstore settings are taken over, and chunks compressed that are so at the source. */
  compression: Mirroring;
  /** Whether compression and retention policies are taken over. */
  policies: Mirroring;
  /** How vectors are kept, by column. What `as` says is in `types` as well. */
  columns: Record<string, ColumnConfig>;
  /** How a timestamp without time zone is to be read. */
  timeZone?: string;
  /** Which intervals of a first load come first. */
  order: 'oldest' | 'newest';
  /** What every sync looks for behind the watermark. */
  reconcile: ReconcileDepth;
  /** Not there: by the write mode. */
  deletes?: Deletes;
  retention: 'keep' | 'mirror';
  /** The most of the destination's rows, in percent, that a reconcile may delete unasked. */
  deleteLimit: number;
}

export type Mirroring = 'mirror' | 'none';

export interface ColumnConfig {
  /** The type it is kept as at the destination. */
  as?: string | undefined;
  /** An HNSW index for this distance. */
  hnsw?: Metric | undefined;
}

export type PartialTableName = Partial<Pick<TableName, 'schema'>> & Pick<TableName, 'name'>;

/** Exactly what @temporalio/envconfig makes of its files and TEMPORAL_* variables, overridden by `temporal:`. */
export interface TemporalConfig {
  address: string;
  namespace: string;
  taskQueue?: string;
  apiKey?: string;
  tls?: boolean | TemporalTls;
  metadata?: Record<string, string>;
  encryption?: Encryption;
}

/** How payloads are encrypted before Temporal sees them. */
export interface Encryption {
  /** The ID of the key that encrypts; one of `keys`. */
  key: string;
  /** Key ID → 32 bytes: all that may be needed to decrypt. */
  keys: ReadonlyMap<string, Buffer>;
  /** Whether payloads that are not encrypted are taken as well, for the time of a switch. */
  acceptPlaintext: boolean;
}

export interface TemporalTls {
  serverNameOverride?: string;
  serverRootCACertificate?: Uint8Array;
  clientCertPair?: { crt: Uint8Array; key: Uint8Array };
}

/** `host:port/database as user`: the only form in which an endpoint may be shown. */
export function describeEndpoint(endpoint: Endpoint): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}/${endpoint.database} as ${endpoint.username}`;
}
