// SPDX-License-Identifier: Apache-2.0
declare global {
	namespace App {
		interface Error {
			message: string;
			remedy?: string;
			request_id?: string;
		}
	}
}

export {};
