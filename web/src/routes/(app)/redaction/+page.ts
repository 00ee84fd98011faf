// SPDX-License-Identifier: Apache-2.0
import { api } from '#lib/api/client';
import { later } from '#lib/project';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ depends }) => {
	depends('app:redaction');
	return { settings: later(api('get', '/redaction', {})), versions: later(api('get', '/redaction/versions', {})) };
};
