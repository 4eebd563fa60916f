import { Controller, Get, Inject, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import { AccessService, type Caller, IMAGES } from '#libs/accounts';
import { CurrentCaller, RequireVisible } from '../accounts/auth.guard.js';
import { idOf } from '../graphql/arguments.js';
import { ApiError } from '../http/problem.js';
import { fitsFile, mediaTypeOf, pngFile } from '../http/files.js';
import { Datasets } from './datasets.js';
import { cutOut, cutoutRequest, IMAGE_TYPES, type ImageType, readPixels } from './exposures.js';
import { renderPng } from './render-png.js';

const PREVIEW_PX = 1_024;

function imageOf(visit: string, detector: string, type: string): [bigint, number, ImageType] {
  if (!(IMAGE_TYPES as readonly string[]).includes(type))
    throw new ApiError('NOT_FOUND', `an image is one of ${IMAGE_TYPES.join(', ')}`, type);
  return [idOf(visit, 'visit'), Number(idOf(detector, 'detector')), type as ImageType];
}

@ApiTags('images')
@RequireVisible(IMAGES)
@Controller('api')
export class ImagesController {
  constructor(
    @Inject(Datasets) private readonly datasets: Datasets,
    @Inject(AccessService) private readonly access: AccessService,
  ) {}

  async #end({ principal }: Caller): Promise<number | undefined> {
    return (await this.access.visibility(IMAGES, principal))?.beforeMjdTai;
  }

  @Get('datasets/:id')
  @ApiOperation({ summary: 'A stored dataset as it is' })
  @ApiProduces('application/octet-stream')
  async dataset(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<StreamableFile> {
    const { bytes, name } = await this.datasets.byId(id, await this.#end(caller));
    return new StreamableFile(bytes, { type: mediaTypeOf(name), disposition: `attachment; filename="${name}"` });
  }

  @Get('visits/:visit/detectors/:detector/images/:type')
  @ApiOperation({ summary: 'The image of a detector: FITS, or a preview as PNG' })
  @ApiParam({ name: 'type', enum: IMAGE_TYPES })
  @ApiQuery({ name: 'format', enum: ['fits', 'png'], required: false })
  @ApiProduces('application/fits', 'image/png')
  async image(
    @CurrentCaller() caller: Caller,
    @Param('visit') visit: string,
    @Param('detector') detector: string,
    @Param('type') type: string,
    @Query('format') format = 'fits',
  ): Promise<StreamableFile> {
    const bytes = await this.datasets.image(...imageOf(visit, detector, type), await this.#end(caller));
    if (format === 'png') return pngFile(await renderPng(await readPixels(bytes), { maximum: PREVIEW_PX }));
    return fitsFile(bytes, `${visit}-${detector}-${type}.fits`);
  }

  @Get('visits/:visit/detectors/:detector/images/:type/cutout')
  @ApiOperation({ summary: 'The part of an image around a position, with its world coordinates: FITS or PNG' })
  @ApiParam({ name: 'type', enum: IMAGE_TYPES })
  @ApiQuery({ name: 'ra', type: Number, description: 'ICRS [deg]' })
  @ApiQuery({ name: 'dec', type: Number, description: 'ICRS [deg]' })
  @ApiQuery({
    name: 'size',
    type: Number,
    required: false,
    description: 'side of the square [arcsec], 30 unless given',
  })
  @ApiQuery({ name: 'format', enum: ['fits', 'png'], required: false })
  @ApiProduces('application/fits', 'image/png')
  async cutout(
    @CurrentCaller() caller: Caller,
    @Param('visit') visit: string,
    @Param('detector') detector: string,
    @Param('type') type: string,
    @Query('ra') ra?: string,
    @Query('dec') dec?: string,
    @Query('size') size?: string,
    @Query('format') format = 'fits',
  ): Promise<StreamableFile> {
    const request = cutoutRequest(ra, dec, size);
    const { fits, pixels } = await cutOut(
      await this.datasets.image(...imageOf(visit, detector, type), await this.#end(caller)),
      request,
    );
    if (format === 'png') return pngFile(await renderPng(pixels, { minimum: 256, maximum: PREVIEW_PX }));
    return fitsFile(fits, `${visit}-${detector}-${type}-cutout.fits`);
  }
}
