import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { Encryption } from '../config/config';
import { PayloadRefused } from './payload-refused';

const ENCODING = 'binary/encrypted';
/** The first byte of what is stored: a later layout takes another one. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What Temporal appends to the workflow ID of a run that a schedule starts. */
const SCHEDULED_AT = /-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/**
 * Encrypts payloads with AES-256-GCM, each as a whole, its metadata included. What is stored is
 * `version (1 byte) | nonce (12) | ciphertext | tag (16)`, under the metadata `encoding: binary/encrypted`,
 * `encryption-key-id` and `encryption-workflow`. The key's ID, namespace and workflow are authenticated with it: a
 * payload is refused anywhere else. Without `encryption` it passes plaintext on, and refuses what is encrypted.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(
    private readonly namespace: string,
    private readonly encryption?: Encryption,
  ) {}

  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return inPromise(() => payloads.map((payload) => this.encrypt(payload, context?.workflowId)));
  }

  decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return inPromise(() => payloads.map((payload) => this.decrypt(payload, context?.workflowId)));
  }

  private encrypt(payload: Payload, workflowId: string | undefined): Payload {
    if (!this.encryption) return payload;
    const { key: keyId } = this.encryption;
    const workflow = workflowId === undefined ? undefined : withoutTime(workflowId);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyOf(keyId), nonce);
    cipher.setAAD(this.boundTo(keyId, workflow));
    const plain = temporal.api.common.v1.Payload.encode(payload).finish();
    const sealed = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
    return {
      metadata: {
        encoding: Buffer.from(ENCODING),
        'encryption-key-id': Buffer.from(keyId),
        ...(workflow !== undefined && { 'encryption-workflow': Buffer.from(workflow) }),
      },
      data: Buffer.concat([Buffer.of(VERSION), nonce, ...sealed]),
    };
  }

  private decrypt(payload: Payload, workflowId: string | undefined): Payload {
    const encoding = textOf(payload, 'encoding');
    if (encoding !== ENCODING) {
      if (!this.encryption || this.encryption.acceptPlaintext) return payload;
      throw new PayloadRefused(
        'A payload from Temporal is not encrypted, while temporal.encryption asks for it',
        'If it comes from before encryption was turned on, set temporal.encryption.acceptPlaintext: true until those runs have ended; if another client sent it, give that client the codec server',
      );
    }
    const keyId = textOf(payload, 'encryption-key-id') ?? '';
    const workflow = textOf(payload, 'encryption-workflow');
    if (workflow !== undefined && workflowId !== undefined && workflow !== withoutTime(workflowId))
      throw new PayloadRefused(
        `A payload of workflow ${workflowId} was encrypted for workflow ${workflow}`,
        "Find out who moved it: it was put there past Tidemark, in Temporal's own storage",
      );
    const data = Buffer.from(payload.data ?? []);
    if (data[0] !== VERSION || data.length < 1 + NONCE_BYTES + TAG_BYTES)
      throw new PayloadRefused(
        'An encrypted payload has a layout that this version of Tidemark does not know',
        'A newer Tidemark wrote it, or another program did: run the newer one here as well',
      );
    const decipher = createDecipheriv('aes-256-gcm', this.keyOf(keyId), data.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(this.boundTo(keyId, workflow));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    let plain: Buffer;
    try {
      plain = Buffer.concat([decipher.update(data.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw new PayloadRefused(
        `A payload does not open with the key '${keyId}' in namespace ${this.namespace}`,
        'Either the key of that ID is not the one it was encrypted with, or the payload was changed or comes from another namespace or workflow: compare the key with that of the other workers',
      );
    }
    return temporal.api.common.v1.Payload.decode(plain);
  }

  private keyOf(keyId: string): Buffer {
    const key = this.encryption?.keys.get(keyId);
    if (key) return key;
    throw new PayloadRefused(
      `A payload is encrypted with the key '${keyId}', which is not configured here`,
      `Add it under temporal.encryption.keys`,
    );
  }

  private boundTo(keyId: string, workflow: string | undefined): Buffer {
    return Buffer.from(JSON.stringify(['tidemark', VERSION, keyId, this.namespace, workflow ?? null]));
  }
}

/** A schedule hands each run the last one's result, so that a payload is bound to what its runs have in common. */
function withoutTime(workflowId: string): string {
  return workflowId.replace(SCHEDULED_AT, '');
}

function textOf({ metadata }: Payload, name: string): string | undefined {
  const value = metadata?.[name];
  return value && Buffer.from(value).toString();
}

/** The SDK wants promises; node's ciphers are quick enough at payloads of kilobytes not to be worth a thread. */
function inPromise<T>(fn: () => T): Promise<T> {
  return new Promise((resolve) => resolve(fn()));
}
