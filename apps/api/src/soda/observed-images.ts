import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessService, type Caller, IMAGES, rowCondition } from '#libs/accounts';
import { VoError } from '#libs/vo';
import { Datasets } from '../images/datasets.js';

export interface ObservedImage {
  readonly did: string;
  readonly datasetId: string;
  readonly datasetType: string;
  readonly visit: bigint;
  readonly detector: number;
  readonly sizeKb: bigint;
}

const PREFIX = 'ivo://almagest/dataset?';

/** The identifier of the dataset in a publisher's identifier; undefined for one of another kind. */
export const datasetIdOf = (did: string): string | undefined =>
  did.startsWith(PREFIX) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(did.slice(PREFIX.length))
    ? did.slice(PREFIX.length)
    : undefined;

/** The images of ivoa.ObsCore by their identifiers. */
@Injectable()
export class ObservedImages {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(AccessService) private readonly access: AccessService,
    @Inject(Datasets) private readonly datasets: Datasets,
  ) {}

  /** Undefined also where the image is not open to the caller. */
  async find(did: string, { principal }: Caller): Promise<ObservedImage | undefined> {
    const id = datasetIdOf(did);
    const visibility = await this.access.visibility(IMAGES, principal);
    if (id === undefined || visibility === undefined) return undefined;
    const open = rowCondition(visibility, 't');
    const [row]: Omit<ObservedImage, 'did'>[] = await this.dataSource.query(
      `SELECT dataset_id AS "datasetId", dataset_type AS "datasetType", visit, detector, access_estsize AS "sizeKb"
       FROM obscore t WHERE dataset_id = $1${open === undefined ? '' : ` AND ${open}`}`,
      [id.toLowerCase()],
    );
    return row && { did, ...row };
  }

  async require(did: string, caller: Caller): Promise<ObservedImage> {
    const image = await this.find(did, caller);
    if (image === undefined) throw new VoError('NO_SUCH_IMAGE', `there is no image '${did}'`, did);
    return image;
  }

  async bytes({ datasetId }: ObservedImage): Promise<Uint8Array> {
    return (await this.datasets.byId(datasetId)).bytes;
  }
}
