/** An address that names no page. */
import { FailurePage } from '../components/ui/failure-page.tsx';

export default function NotFound() {
  return <FailurePage title="There is no such page" message="The address names no page of Stagelight." />;
}
