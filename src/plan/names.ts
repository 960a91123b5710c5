import { z } from 'zod';

/** The name of a configured sync; no configuration has a longer one. */
export const syncName = z.string().min(1).max(100);

/** A table, named as in SQL: two names of 63 bytes, in which every sign may be a doubled quote, and then some. */
export const tableText = z.string().min(1).max(300);
