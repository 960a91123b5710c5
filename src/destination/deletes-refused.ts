/** More rows would be deleted at the destination than is allowed unasked. */
export class DeletesRefused extends Error {
  constructor(gone: number, rows: number, limit: number) {
    const share = rows === 0 ? 100 : Math.round((gone / rows) * 1000) / 10;
    super(
      `${gone} of the ${rows} rows at the destination (${share} %) are gone at the source, more than deleteLimit (${limit} %) allows unasked. They were not deleted. If the source was restored or has lost rows, repair it; if they are meant to be gone: tidemark reconcile --allow-deletes`,
    );
  }
}
