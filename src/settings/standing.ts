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

const fixed = ['stateDir', 'persistDir', 'localDatabase', 'agentId', 'logLevel', 'logFormat'] as const;

/** What a running agent cannot change, and is another one now. */
export function restartWarnings(before: AgentSettings, now: AgentSettings): string[] {
	return fixed
		.filter((name) => now[name] !== before[name])
		.map((name) => `${name} is another one now: that takes a restart`);
}
