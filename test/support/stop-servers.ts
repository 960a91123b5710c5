import { stopEmbedded } from '../../src/embedded/guarded-process';

/** jest's globalTeardown: ends the servers that globalSetup started in this process, and deletes their folder. */
export default stopEmbedded;
