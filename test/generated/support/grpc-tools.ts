import { join } from 'node:path';
import { type Binaries, goPrograms } from '../../go-programs.ts';

/** What people ask a gRPC server with who have none of its code: `grpcurl` and `grpc-health-probe`. */
export const grpcTools = (env: NodeJS.ProcessEnv, tell: (line: string) => void): Promise<Binaries> =>
  goPrograms(
    {
      name: 'grpc-tools',
      names: ['grpcurl', 'grpc-health-probe'],
      modules: [
        {
          folder: join(import.meta.dirname, '../grpc-tools'),
          packages: ['github.com/fullstorydev/grpcurl/cmd/grpcurl', 'github.com/grpc-ecosystem/grpc-health-probe'],
          ldflags: '-s -w',
          output: (folder) => `${folder}/`,
        },
      ],
    },
    env,
    tell,
  );
