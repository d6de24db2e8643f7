// SPDX-License-Identifier: Apache-2.0
// What stands where alarms would, as long as nobody can say which there are: never "none".
import { t } from "../i18n";
import { alarmList } from "../state/alarms";
import { Empty, Pending } from "./common";

export function AlarmsPending({ rows = 2 }: { rows?: number }) {
	if (alarmList.phase.value === "ready") return <Empty text={t("empty.not_known")} />;
	return (
		<Pending
			phase={alarmList.phase.value}
			problem={alarmList.problem.value}
			retry={() => void alarmList.load()}
			rows={rows}
		/>
	);
}
