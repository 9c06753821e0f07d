// Settings that work and should not be forgotten.
import type { AgentSettings } from './compose.ts';

/** What a user should not forget: told at the start and each hour. */
export function standingWarnings(settings: AgentSettings): string[] {
	const certificates = [
		['clash', settings.clash.certificate],
		['luci', settings.luciCertificate],
		['master', settings.masterCertificate],
	] as const;
	return certificates
		.filter(([, rule]) => rule === 'any')
		.map(([name]) => `--${name}-certificate any: whoever is on the way can read the secret and the answers`);
}
