// SPDX-License-Identifier: Apache-2.0
// What stands where alarms would, as long as nobody can say which there are: never "none".
import { alarmList } from "../state/alarms";
import { Pending } from "./common";

export function AlarmsPending({ rows = 2 }: { rows?: number }) {
	return (
		<Pending
			phase={alarmList.phase.value}
			problem={alarmList.problem.value}
			retry={() => void alarmList.load()}
			rows={rows}
		/>
	);
}
