import { knownFaults } from '../../src/commands/known-faults';

test.each(['2.17.0', '2.17.2', '2.18.0', '2.18.0-dev'])('TimescaleDB %s is named', (timescaledb) => {
  expect(knownFaults({ timescaledb }, 'destination')).toEqual([
    expect.objectContaining({
      level: 'warning',
      what: expect.stringMatching(/7672/) as string,
      remedy: expect.stringMatching(/2\.18\.1/) as string,
    }),
  ]);
});

test.each(['2.11.0', '2.16.1', '2.18.1', '2.28.3', '3.0', null])('%s is not', (timescaledb) => {
  expect(knownFaults({ timescaledb }, 'destination')).toEqual([]);
});
