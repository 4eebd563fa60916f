import { Body, Controller, Headers, Inject, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiOperation,
  ApiProperty,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Readable } from 'node:stream';
import { RequireScope } from '../accounts/auth.guard.js';
import { ApiError } from '../http/problem.js';
import { FrameIntake } from './frame-intake.js';

export class FrameReceipt {
  @ApiProperty({ type: String }) rawFrameId: string;
  @ApiProperty({ type: String }) instrument: string;
  @ApiProperty({ type: String }) visit: string;
  @ApiProperty({ type: Number }) snap: number;
  @ApiProperty({ type: Number }) detector: number;
  @ApiProperty({ type: String, description: 'bias, dark, flat, science or calibrated' }) kind: string;
  @ApiProperty({ type: String, description: 'SHA-256 of the bytes' }) checksum: string;
  @ApiProperty({ type: Boolean, description: 'these bytes were here already' }) duplicate: boolean;
  @ApiProperty({ type: Boolean, description: 'every frame of the visit is here' }) visitComplete: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'the job that processes the visit, once it is complete' })
  jobId: string | null;
}

@ApiTags('frames')
@ApiBearerAuth()
@Controller('api/frames')
export class FramesController {
  constructor(@Inject(FrameIntake) private readonly intake: FrameIntake) {}

  @RequireScope('ingest')
  @Post()
  @ApiOperation({
    summary: 'Hand in a frame. The answer comes when it is stored for good; handing it in again does no harm.',
  })
  @ApiQuery({ name: 'stage', enum: ['raw', 'calibrated'], required: false })
  @ApiConsumes('application/fits')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiCreatedResponse({ type: FrameReceipt })
  async receive(
    @Body() body: Readable,
    @Headers('content-length') length?: string,
    @Query('stage') stage = 'raw',
  ): Promise<FrameReceipt> {
    if (stage !== 'raw' && stage !== 'calibrated')
      throw new ApiError('BAD_STAGE', `a stage is raw or calibrated, not '${stage}'`, stage);
    if (typeof body?.pipe !== 'function') throw new ApiError('NO_FRAME', 'send a FITS file as application/fits');
    return this.intake.receive(body, Number(length ?? 0), stage);
  }
}
