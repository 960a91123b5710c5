import type { DataConverter } from '@temporalio/common';
import type { Encryption } from '../config/config';
import { EncryptionCodec } from './encryption-codec';

/** How clients and workers of a namespace turn values into what Temporal stores. */
export function dataConverterOf(namespace: string, encryption: Encryption | undefined): DataConverter {
  return {
    payloadConverterPath: require.resolve('../workflows/payload-converter'),
    payloadCodecs: [new EncryptionCodec(namespace, encryption)],
    ...(encryption && { failureConverterPath: require.resolve('../workflows/encoded-failures') }),
  };
}
