// The quotas of the vault, asked from the server's side.
import type { QuotaAnswers, QuotaOrder } from '../quota/quotaorder.ts';
import type { Store } from './store.ts';

/** After everything acknowledged is in the vault. */
export async function askQuotas<A extends QuotaOrder['ask']>(
	store: Pick<Store, 'settled'>,
	order: Extract<QuotaOrder, { ask: A }>,
): Promise<QuotaAnswers[A]> {
	const vault = await store.settled();
	return (await vault.call('quotas', [order])) as QuotaAnswers[A];
}
