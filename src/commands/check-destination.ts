import type { PoolClient } from 'pg';
import { z } from 'zod';
import { refuseOtherMeaning } from '../activities/refuse-other-meaning';
import { settleTypes } from '../activities/settle-spec';
import { wantedTable } from '../activities/wanted-table';
import type { Config } from '../config/config';
import { refuseUnfitCheckpoints } from '../destination/checkpoint-schema';
import { checkFit } from '../destination/check-fit';
import { describeDestination } from '../destination/describe-destination';
import { missingColumns, refuseBeforeKey, refuseLostColumns } from '../destination/evolve-table';
import { findRowTriggers } from '../destination/find-row-triggers';
import { missingDestinationGrants } from '../destination/grants';
import { type Checkpoint, readCheckpoint } from '../destination/read-checkpoint';
import { refuseUnfitTable } from '../destination/refuse-unfit-table';
import { formatIdentifier, formatName } from '../postgres/identifiers';
import { pgBoolean, queryRow } from '../postgres/query';
import { readVersions } from '../source/versions';
import type { SoundTable } from './check-source';
import { checkPartitions, type Parts } from './check-partitions';
import { checkVersions } from './check-versions';
import { errorFinding, type Finding, findingsOf, info, warning } from './finding';
import { hasCheckpoints } from './has-checkpoints';
import { knownFaults } from './known-faults';
import { placeOf } from './with-session';

/** Looks at everything that a sync needs of the destination, and changes nothing. */
export async function checkDestination(
  client: PoolClient,
  config: Config,
  tables: SoundTable[],
): Promise<Finding[]> {
  const where = placeOf(config, 'destination');
  const versions = await readVersions(client);
  const findings = [...checkVersions(versions, where), ...knownFaults(versions, where)];
  const { readOnly } = await queryRow(
    client,
    z.object({ readOnly: pgBoolean }),
    `SELECT current_setting('transaction_read_only')::boolean AS "readOnly"`,
  );
  if (readOnly) {
    findings.push(
      errorFinding(
        'connection',
        where,
        'the destination can only be read',
        'Name the primary server, not a standby; or turn default_transaction_read_only off for this role and database.',
      ),
    );
    return findings;
  }
  const targets = tables.map(({ choice: { destination, mode, deletes } }) => ({
    table: destination,
    mode,
    deletes,
  }));
  const grants = await missingDestinationGrants(client, targets);
  findings.push(
    ...grants.map((grant) =>
      errorFinding('configuration', where, 'the role may not write as it needs to', grant),
    ),
  );
  const checkpoints = await hasCheckpoints(client);
  try {
    await refuseUnfitCheckpoints(client);
  } catch (error) {
    findings.push(...findingsOf(error, where));
  }
  for (const table of tables) {
    const mayRead = checkpoints && !grants.some((grant) => grant.includes('"tidemark"'));
    const checkpoint = mayRead
      ? await readCheckpoint(client, { sync: config.name, table: table.name })
      : undefined;
    findings.push(...(await checkTarget(client, table, checkpoint)));
  }
  return findings;
}

/** Holds a table's target against what would be written to it. */
export async function checkTarget(
  client: PoolClient,
  { name, config, choice, described, identity, layout }: SoundTable,
  checkpoint: Checkpoint | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let types: Map<string, string>;
  let parts: Parts;
  try {
    refuseOtherMeaning(described, choice, identity, checkpoint);
    types = await settleTypes(client, choice, config);
    parts = await checkPartitions(client, { name, config, choice, layout }, types);
  } catch (error) {
    return findingsOf(error, name);
  }
  for (const column of choice.columns) {
    const type = types.get(column.name) ?? 'text';
    if (
      !Object.hasOwn(config.types, column.name) &&
      ['text', 'text[]', 'jsonb'].includes(type) &&
      column.baseType !== type &&
      column.type !== type
    )
      findings.push(
        info(
          `${name} column ${formatIdentifier(column.name)}`,
          `${column.type} becomes ${type} at the destination`,
          typesRemedy(column.extension),
        ),
      );
  }
  const table = await describeDestination(client, choice.destination);
  const target = formatName(choice.destination);
  if (!table) {
    if (checkpoint?.planned == null)
      return [
        ...findings,
        info(name, `${target} is made at the destination by the first sync, ${parts.what}`),
        ...parts.findings,
      ];
    const remedy = `Restore it, or forget its checkpoint so that all is copied again: tidemark resync --table ${name}`;
    return [
      ...findings,
      errorFinding('drift', name, `the destination has lost ${target}, and what was copied into it`, remedy),
    ];
  }
  const wanted = wantedTable(choice, config, types, checkpoint);
  try {
    await refuseUnfitTable(client, wanted, table);
    refuseLostColumns(wanted, table);
    await refuseBeforeKey(client, wanted, table);
    checkFit(wanted, table);
  } catch (error) {
    return [...findings, ...findingsOf(error, name)];
  }
  const triggers = await findRowTriggers(client, table.oid);
  if (triggers.length > 0)
    findings.push(
      warning(
        name,
        `rows may be changed, dropped or sent elsewhere as they are written to ${target}, by its trigger ${triggers.map(formatIdentifier).join(', ')}`,
        'Disable it, or live with that: `tidemark verify` shows where the two differ.',
      ),
    );
  if (!wanted.createdHere && parts.asked.length > 0)
    findings.push(
      info(
        name,
        `${target} is there already and stays as it is: ${parts.asked.join(', ')} is for a table that Tidemark makes`,
      ),
    );
  for (const column of missingColumns(wanted, table))
    findings.push(
      info(
        name,
        `column ${formatIdentifier(column.name)} is new at the source: the next sync adds it to ${target}`,
      ),
    );
  return findings;
}

function typesRemedy(extension: string | null): string {
  return extension === null
    ? 'Choose another type with types: where that does not suit.'
    : `Install ${extension} there to keep the type (CREATE EXTENSION ${formatIdentifier(extension)};), or choose one with types:.`;
}
